"""How the lamp moves and how each neighbour of the demo behaves, in words, by the names that the toys give them."""

from flask_babel import lazy_gettext

RHYTHMS = {
    "holding": lazy_gettext("knippert steeds sneller"),
    "countdown": lazy_gettext("knippert snel"),
    "broken": lazy_gettext("geeft twee flitsen en een pauze"),
    "sending": lazy_gettext("ademt zacht"),
    "waiting": lazy_gettext("knippert"),
    "attention": lazy_gettext("knippert traag"),
    "drill": lazy_gettext("geeft twee korte flitsen"),
    "ready": lazy_gettext("brandt, met om de vijf seconden een dipje"),
    "starting": lazy_gettext("ademt traag"),
    "cancelled": lazy_gettext("flitst drie keer kort"),
    "too_soon": lazy_gettext("flitst kort en lang"),
    "recorded": lazy_gettext("flitst drie keer lang"),
    "nobody": lazy_gettext("geeft drie snelle flitsen en een pauze"),
    "trying": lazy_gettext("geeft een lange flits en twee korte"),
}
HABITS = {
    "played": lazy_gettext("speelt u zelf"),
    "quick": lazy_gettext("antwoordt snel OK"),
    "chatty": lazy_gettext("antwoordt later, vriendelijk"),
    "thumb": lazy_gettext("stuurt een duim"),
    "rings": lazy_gettext("belt even in plaats van te typen"),
    "silent": lazy_gettext("antwoordt nooit"),
    "stops": lazy_gettext("stuurt STOP"),
    "reports": lazy_gettext("meldt iets verdachts aan de kast"),
    "off": lazy_gettext("gsm staat uit"),
}
