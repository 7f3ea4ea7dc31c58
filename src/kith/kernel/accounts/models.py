"""People who log in, and the teams they work in.

A user has one role (what they may do) and any number of teams (whose rows they share). Access rules read both;
nothing else about a user decides what they may see.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    READ_ONLY = "read_only", _("Read-only")


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **extra):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **extra):
        return self.create_user(email, password, **{"role": Role.ADMINISTRATOR, **extra})

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


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

    def __str__(self):
        return self.name or self.email

    @property
    def is_staff(self):
        return self.role == Role.ADMINISTRATOR


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
