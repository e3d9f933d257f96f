"""What went wrong, in plain words, with what to do."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from appliance.web.words import gettext as _


def install(app: Flask) -> None:
    """Every error of *app* has a page that says no more than it must."""
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(500, page)


def page(error: Exception) -> ResponseReturnValue:
    """The page for *error*. A wrong host gets plain text: nothing may depend on a name that is not ours."""
    code = getattr(error, "code", None) or 500
    if isinstance(error, SecurityError):
        return "400\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    title, advice = _words(error, code)
    inside = code != 400 and current_user.is_authenticated
    return render_template("error.html", code=code, title=title, advice=advice, inside=inside), code


def _words(error: Exception, code: int) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return _("Dit formulier is verlopen"), _("Ga terug, laad de pagina opnieuw en probeer nog eens.")
    return {
        400: (_("Dit begrijpt de kast niet"), _("Ga terug en probeer het opnieuw.")),
        403: (_("Dit mag hier niet"), _("Open de pagina van de kast zelf en probeer het daar.")),
        404: (_("Deze pagina bestaat niet"), _("Kijk het adres na, of ga naar de startpagina.")),
        405: (_("Dit kan zo niet"), _("Ga terug en gebruik de knoppen op de pagina.")),
        413: (_("Dat is te groot"), _("Een lijst mag hoogstens 2 MB groot zijn.")),
    }.get(
        code,
        (
            _("Er ging iets mis in de kast"),
            _("Wat beloofd was, blijft beloofd. Kijk bij Berichten wat vertrok voor u iets opnieuw verstuurt."),
        ),
    )
