"""Django as a WSGI application: for the bridge in `asgi.py`, and for any WSGI server (without live updates)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kith.settings")
application = get_wsgi_application()
