"""`appliance demo --script`: the whole story, as a newcomer would run it."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_story_plays_unattended_with_forty_members_and_loses_nothing():
    command = [sys.executable, "-m", "appliance", "demo", "--script", "--json", "--seconds-per-submit", "0.02"]
    played = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    *timeline, last = played.stdout.splitlines()
    outcome = json.loads(last)
    assert played.returncode == 0, (outcome, played.stderr)
    assert outcome["well"]
    assert (outcome["recipients"], outcome["lost"], outcome["doubled_unshown"]) == (40, 0, 0)
    assert outcome["confirmed"] == outcome["confirmed_expected"] > 20
    assert f"{outcome['accepted']} verzonden, {outcome['confirmed']} gelezen" in outcome["police_heard"]
    assert any("JA " in line for line in timeline)
    assert not any(line.count("DRINGEND") and any(part.isdigit() and len(part) == 6 for part in line.split())
                   for line in timeline if "->" in line)  # fmt: skip
