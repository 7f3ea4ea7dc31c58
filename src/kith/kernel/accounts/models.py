"""People who sign in, the teams they work in, and the keys their programs use.

A user has one role (what they may do) and any number of teams (whose rows they share). Access rules read both;
nothing else about a user decides what they may see. Users are never deleted: history must keep its names.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    READ_ONLY = "read_only", _("Read-only")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email, password=None, **extra):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password or None)  # None makes a password nobody can have
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **extra):
        return self.create_user(email, password, **{"role": Role.ADMINISTRATOR, **extra})

    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=200)
    role = models.CharField(_("Role"), max_length=20, choices=Role.choices, default=Role.MEMBER)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    language = models.CharField(_("Language"), max_length=12, default="en")
    preferences = models.JSONField(_("Preferences"), default=dict, blank=True)
    is_active = models.BooleanField(_("Active"), default=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("colleague")
        verbose_name_plural = _("colleagues")
        ordering = ["name", "pk"]
        constraints = [
            # Sign-in looks addresses up in lower case, so two spellings of one address must never be two people.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self):
        return self.name or self.email

    @property
    def is_staff(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def theme(self):
        """light or dark; empty follows the device."""
        return self.preferences.get("theme", "")

    @property
    def density(self):
        """compact, normal or roomy."""
        return self.preferences.get("density", "normal")

    @property
    def shortcuts(self):
        """Whether single keys act; a person who dictates or uses sticky keys switches them off."""
        return self.preferences.get("shortcuts", True)


class Team(models.Model):
    name = models.CharField(_("Name"), max_length=120, unique=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)
    lead = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="leads_teams")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self):
        return self.name


class TokenScope(models.TextChoices):
    FULL = "full", _("Read and change")
    READ = "read", _("Read only")


class ApiToken(models.Model):
    """A key a program signs in with. Only its digest is kept; the key itself is shown once, when it is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=120)
    prefix = models.CharField(_("Begins with"), max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scope = models.CharField(_("May"), max_length=8, choices=TokenScope.choices, default=TokenScope.FULL)
    created_at = models.DateTimeField(_("Made"), default=timezone.now)
    last_used_at = models.DateTimeField(_("Last used"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("Revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @property
    def may_write(self):
        return self.scope == TokenScope.FULL

    def is_live(self, now=None):
        now = now or timezone.now()
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class SharedCounter(models.Model):
    """Storage of Django's database cache: sign-in limits and used one-time codes, the same for every process.

    The columns are those `django.core.cache.backends.db` expects. A model rather than `createcachetable`, so that
    the one migrate command makes it.
    """

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_shared_counter"
