"""Settings of gunicorn, for `make run` and for servers: `gunicorn -c python:config.gunicorn config.wsgi`."""

import importlib
import sys

from django.core.exceptions import ImproperlyConfigured
from gunicorn.arbiter import Arbiter

from config import environment

workers = environment.number("WEB_CONCURRENCY", 2, minimum=1)
worker_class = "gthread"
threads = 4
# Seconds for which a connection stays open for the next request, longer than most clients wait between two: to a closed
# one they would write in vain. A waiting connection keeps no thread.
keepalive = 75
graceful_timeout = 10
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """End with one sentence if a setting is wrong; gunicorn would write long messages for each worker that fails."""
    try:
        importlib.import_module("config.settings")
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(Arbiter.WORKER_BOOT_ERROR)
