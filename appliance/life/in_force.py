"""The settings that a charter agrees on, as they are now (R28): the page and the command line ask the same."""

from appliance import wording
from appliance.neighbourhood import Neighbourhood, People
from appliance.people.members import NIGHT_FROM, NIGHT_UNTIL
from appliance.queue import hours
from appliance.upkeep import retention
from appliance.wording import Key


def settings(bin_: Neighbourhood) -> dict[str, str]:
    """Each setting by its name; the words for the names are in lang/papers_*.toml."""
    language = bin_.language
    where = {"area": bin_.area, "police_zone": bin_.police_zone}
    where |= {"people": bin_.people.value} if bin_.people is not People.NEIGHBOURS else {}
    return {
        "name": bin_.name,
        **{name: words for name, words in where.items() if words},  # what was signed before them knows them not
        "language": language,
        "timezone": str(bin_.zone),
        "police_phone": bin_.police_phone,
        "mode": bin_.mode,
        "follow_up_minutes": f"{bin_.follow_up.total_seconds() / 60:g}",
        "preventive_hours": f"{hours.OPENS:%H:%M}-{hours.CLOSES:%H:%M}",
        "night_hours": f"{NIGHT_FROM}-{NIGHT_UNTIL}",
        "retention_days": ", ".join(f"{rule.name} {rule.kept.days}" for rule in retention.RULES),
        "panic_text": wording.text(Key.PANIC_CORE, language, name=bin_.name),
        "welcome_text": wording.text(Key.WELCOME, language, name=bin_.name),
    }
