import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

GUNICORN_DOES_NOT_TRY_AGAIN = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    print(error, file=sys.stderr)
    sys.exit(GUNICORN_DOES_NOT_TRY_AGAIN)

# This module is what makes a process a web process: here, and not in commands, statements have a limit. Statements of
# milliseconds gain nothing by further processes and compiled code, which take longer to begin. Every search reads what
# has not been sorted into its index yet (docs/search.md): it shall be little; commands leave more, which is cheaper.
_given = ["-c jit=off", "-c max_parallel_workers_per_gather=0", "-c gin_pending_list_limit=256"]
if settings.WEB_STATEMENT_TIMEOUT:
    _given.append(f"-c statement_timeout={settings.WEB_STATEMENT_TIMEOUT}")
_options = settings.DATABASES["default"]["OPTIONS"]
_options["options"] = " ".join([_options["options"], *_given])
