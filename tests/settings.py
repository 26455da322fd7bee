"""Settings of the test run: production's, with secrets of its own and nothing from a .env file."""

import base64
import os

os.environ |= {
    "PORTAL_ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-tests-" + "k" * 50,
    "PUBLIC_URL": "https://portal.test",
    "ENCRYPTION_KEYS": "test:" + base64.urlsafe_b64encode(bytes(range(64))).decode(),
    "DIGEST_KEY": "digest-key-of-the-tests",
    "HUBSPOT_CLIENT_ID": "client-id-of-the-tests",
    "HUBSPOT_CLIENT_SECRET": "client-secret-of-the-tests",
    "LOG_FORMAT": "plain",
}
for name in ("DEBUG", "PORTAL_DEMO", "ALLOWED_HOSTS", "EMAIL_URL"):
    os.environ.pop(name, None)

from portal.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["portal.test", "testserver", "localhost", "127.0.0.1"]
DATABASES["default"]["TEST"] = {  # noqa: F405
    "NAME": os.environ.get("PORTAL_TEST_DB", "test_portal")
}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  threads of live servers would leave theirs
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (  # noqa: F405
    "-c portal.audit_truncate=on"  # lets transactional tests empty the append-only table
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
