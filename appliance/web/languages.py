"""In which language the page speaks. Dutch is what the sources say; the others are gettext catalogues.

The catalogues are text and are read once, at start: there is no step of building that somebody can forget, and no
binary file whose content nobody can review.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain
from flask_login import current_user

from appliance.access import accounts
from appliance.people.members import LANGUAGES
from appliance.web import context, guard

CATALOGUES = Path(__file__).parent / "catalogues"
SOURCE = "nl"
COOKIE = "bin-taal"
COOKIE_LIFE = 400 * 24 * 3600  # seconds: the longest that browsers keep

bp = Blueprint("languages", __name__)


class Catalogues(Domain):  # type: ignore[misc]
    """What flask-babel asks for the words of this request."""

    def get_translations(self) -> NullTranslations:
        """The catalogue in the language of this request."""
        return catalogue(chosen())


@cache
def catalogue(language: str) -> NullTranslations:
    """The words of *language*; of Dutch none are needed."""
    if language == SOURCE:
        return NullTranslations()
    packed = BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        write_mo(packed, read_po(file, locale=language))
    packed.seek(0)
    return Translations(packed)


def install(app: Flask) -> None:
    """Every page of *app* speaks the language of who looks at it."""
    babel: Any = Babel(app, locale_selector=chosen)
    babel.domain_instance = Catalogues()
    for language in LANGUAGES:
        catalogue(language)
    app.register_blueprint(bp)

    @app.context_processor
    def _language() -> dict[str, object]:
        here = request.full_path.rstrip("?") if request.method == "GET" else url_for("status.start")
        return {"language": chosen(), "here": here}


def chosen() -> str:
    """The language of this request; a page asks for it at every word."""
    asker = g.get("nobody_is_known", False), g.get("_login_user")
    if "language" not in g or g.language[0] != asker:
        g.language = (asker, _chosen())
    return str(g.language[1])


def _chosen() -> str:
    """The coordinator's own choice, else this browser's, else what it asks for, else the BIN's."""
    known = not g.get("nobody_is_known") and current_user.is_authenticated  # to know somebody takes the database
    own = current_user.language if known else ""
    for language in (own, request.cookies.get(COOKIE, "")):
        if language in LANGUAGES:
            return language
    return request.accept_languages.best_match(LANGUAGES) or context.the_bin().language


@bp.post("/taal")
def choose() -> ResponseReturnValue:
    """From now on the page speaks that language, in this browser and to this coordinator."""
    language = request.form.get("language", "")
    back: Response = redirect(guard.own_page(request.form.get("next")))  # type: ignore[assignment]
    if language in LANGUAGES:
        if current_user.is_authenticated:
            accounts.set_language(current_user, language)
        secure = request.is_secure
        back.set_cookie(COOKIE, language, max_age=COOKIE_LIFE, httponly=True, samesite="Lax", secure=secure)
    return back
