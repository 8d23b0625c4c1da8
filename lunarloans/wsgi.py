"""The door for the web server (gunicorn lunarloans.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")
application = get_wsgi_application()
