"""The one Django app of the portal. Nothing is started or connected here."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Everything that keeps records in step."""

    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"
