"""What went wrong, in plain words, with what to do."""

import logging

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from appliance.store import faults
from appliance.store.faults import Fault, failures
from appliance.web import api
from appliance.web.rights import NotYours
from appliance.web.words import gettext as _

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Every error of *app* has a page that says no more than it must."""
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(500, page)
    for failure in failures():
        app.register_error_handler(failure, without_store)


def page(error: Exception) -> ResponseReturnValue:
    """The page for *error*. A wrong host gets plain text: nothing may depend on a name that is not ours."""
    code = getattr(error, "code", None) or 500
    if isinstance(error, SecurityError):
        return "400\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    if api.asked():
        return api.problem(code, getattr(error, "description", None) or "Something went wrong in the box.")
    title, advice = _words(error, code)
    inside = code != 400 and current_user.is_authenticated
    return render_template("error.html", code=code, title=title, advice=advice, inside=inside), code


def without_store(error: Exception) -> ResponseReturnValue:
    """The page when the database cannot be used: nothing of it may need the database, not even who is logged in.

    A mistake of ours goes on as what it is.
    """
    fault = faults.of(error)
    if fault is None:
        raise error
    log.error("store cannot be used: %s", faults.line(error))
    if api.asked():
        return api.problem(503, "The database of the box cannot be used now.")
    g.nobody_is_known = True
    title = _("De kast kan haar gegevens nu niet gebruiken")
    words = {"code": 503, "title": title, "advice": _store_words(fault), "inside": False}
    words["language"] = get_locale().language
    # not render_template: it asks who is logged in
    return current_app.jinja_env.get_template("error.html").render(words), 503


def _store_words(fault: Fault) -> str:
    return {
        Fault.FULL: _("De geheugenkaart is vol. Bel wie de kast onderhoudt. Gebruik intussen uw belboom."),
        Fault.READ_ONLY: _(
            "De geheugenkaart laat zich niet meer beschrijven. Bel wie de kast onderhoudt. Gebruik intussen uw belboom."
        ),
        Fault.LOCKED: _(
            "Een ander programma houdt ze bezet. Probeer het over een minuut opnieuw. Blijft dit staan? "
            "Trek de stekker van de kast uit, wacht tien tellen en steek hem terug."
        ),
        Fault.DAMAGED: _(
            "Ze zijn beschadigd. Bel wie de kast onderhoudt: een reservekopie terugzetten kan alleen met "
            "de sleutel die u op papier bewaart. Gebruik intussen uw belboom."
        ),
        Fault.AWAY: _("Ze zijn niet te bereiken. Bel wie de kast onderhoudt. Gebruik intussen uw belboom."),
    }[fault]


def _words(error: Exception, code: int) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return _("Dit formulier is verlopen"), _("Ga terug, laad de pagina opnieuw en probeer nog eens.")
    if isinstance(error, NotYours):
        return _("Dit is voor coördinatoren"), _("Vraag het aan een coördinator van uw BIN.")
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
