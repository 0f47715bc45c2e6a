import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# This module is what makes a process a web process: here, and not in commands, statements have a limit.
if settings.WEB_STATEMENT_TIMEOUT:
    _options = settings.DATABASES["default"]["OPTIONS"]
    _limit = f"-c statement_timeout={settings.WEB_STATEMENT_TIMEOUT}"
    _options["options"] = f"{_options['options']} {_limit}" if _options.get("options") else _limit
