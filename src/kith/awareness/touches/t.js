/* Kith: tells where visitors of this site came from, once they consent.
   <script src="https://kith.example/t.js" defer></script>, then kith.consent(true, "the words they agreed
   to") when the visitor agrees and kith.consent(false) when not. Nothing is stored or sent before, nor where the browser asks not to be tracked. */
(function () {
  "use strict";
  var me = document.currentScript, nav = navigator, KEY = "kith_visitor", SINCE = "kith_agreed", SEEN = "kith_seen";
  if (!me || !nav.sendBeacon || !window.crypto) return;
  var to = new URL("t", me.src).href;
  var never = nav.doNotTrack === "1" || window.doNotTrack === "1" || nav.globalPrivacyControl === true;

  function kept(store, key, value) {
    try {
      if (value === null) store.removeItem(key);
      else if (value) store.setItem(key, value);
      return store.getItem(key);
    } catch (refused) {
      return null;
    }
  }
  function visitor() {
    var known = kept(localStorage, KEY);
    if (known) return known;
    var hex = "", bytes = crypto.getRandomValues(new Uint8Array(16));
    for (var i = 0; i < 16; i++) hex += (256 + bytes[i]).toString(16).slice(1);
    return kept(localStorage, KEY, hex);
  }
  function fields(value) {
    var found = document.querySelectorAll('input[name="kith_visitor"]');
    for (var i = 0; i < found.length; i++) found[i].value = value;
  }
  function agreed(words) {
    var v = visitor();
    if (!v) return;
    var said = kept(localStorage, SINCE) || kept(localStorage, SINCE, Date.now() + " " + String(words || "").slice(0, 300)) || "";
    fields(v);
    if (kept(sessionStorage, SEEN)) return;
    kept(sessionStorage, SEEN, "1");
    nav.sendBeacon(to, JSON.stringify({ c: 1, v: v, u: location.href.slice(0, 900), r: document.referrer.slice(0, 500),
      a: parseInt(said, 10) || 0, w: said.replace(/^\d+ /, "") }));
  }
  function refused() {
    kept(localStorage, KEY, null);
    kept(localStorage, SINCE, null);
    kept(sessionStorage, SEEN, null);
    fields("");
  }
  window.kith = window.kith || {};
  window.kith.consent = function (yes, words) {
    if (yes && !never) agreed(words);
    else refused();
  };
  if (never) refused();
  else if (me.getAttribute("data-consent") === "given" || kept(localStorage, KEY)) agreed(me.getAttribute("data-wording"));
})();
