"""The page, put together from its parts."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from appliance.access import devices
from appliance.models import database
from appliance.neighbourhood import Neighbourhood
from appliance.web import (
    WebSettings,
    access,
    address,
    alerts,
    api,
    asked,
    auth,
    backup,
    compose,
    context,
    costs,
    countdown,
    drills,
    errors,
    first_run,
    guard,
    handover,
    inbox,
    issues,
    languages,
    life,
    lighter,
    lists,
    log,
    log_in,
    logo,
    members,
    metrics,
    more,
    passkeys,
    police,
    prints,
    proof,
    propose,
    ready,
    recovery,
    rights,
    running,
    settings,
    show,
    status,
    street,
    tips,
)

PARTS = (
    log_in, status, alerts, running, countdown, compose, propose, tips, drills, members, asked, lists, inbox, access,
    passkeys, recovery, handover, ready, prints, police, log, backup, settings, logo, life, issues, costs, more,
)  # fmt: skip
LARGEST_REQUEST = 2_000_000  # octets: a list of two thousand members
LARGEST_FIELD = 500_000


def create_app(settings: WebSettings, bin_: Neighbourhood, clock: Callable[[], datetime]) -> Flask:
    """The page of *bin_*. The store must be open (`store.open_store`) before the first request."""
    app = Flask(__package__)
    app.config.update(_config(settings))
    app.jinja_env.autoescape = True
    if settings.https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    context.install(app, bin_, clock)
    address.install(app, settings.names, settings.fingerprint)
    guard.install(app)
    first_run.judge_copy(app)
    csrf = CSRFProtect(app)
    lighter.install(app)
    _open_store_per_request(app)
    first_run.install(app)
    auth.install(app, settings.secret_key)
    languages.install(app)
    proof.install(app)
    rights.install(app)
    errors.install(app)
    show.install(app)
    logo.install(app)
    for part in PARTS:
        app.register_blueprint(part.bp)
    api.install(app, csrf)
    metrics.install(app)
    if settings.street is not None:
        street.install(app, settings.street)
    return app


def _config(settings: WebSettings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FIELD,
        "SESSION_COOKIE_NAME": "__Host-bin" if settings.https else "bin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": devices.LIFE,
        "SESSION_REFRESH_EACH_REQUEST": False,  # a page that polls must not keep itself logged in
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open for a night
        "BABEL_DEFAULT_LOCALE": "nl",
    }


def _open_store_per_request(app: Flask) -> None:
    """One connection per request: the server's threads share none, and none outlives its request."""

    @app.before_request
    def _open() -> None:
        database.connect(reuse_if_open=True)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        if not database.is_closed():
            database.close()
