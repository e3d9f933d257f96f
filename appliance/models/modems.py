"""The tables of modems and their SIM cards. No rules here."""

from peewee import BooleanField, FloatField, IntegerField, TextField

from appliance.models.base import MomentField, Row


class ModemState(Row):
    """What a gateway last knew of its modem."""

    name = TextField(unique=True)
    heartbeat_at = MomentField()
    online = BooleanField(default=False)
    fault = TextField(default="")  # why it is not online, in one sentence
    changed_at = MomentField()  # since when `online` is what it is
    registered = BooleanField(default=False)
    registration = TextField(default="")
    operator = TextField(default="")
    technology = TextField(default="")
    signal_percent = IntegerField(null=True)
    storage_used = IntegerField(null=True)
    storage_total = IntegerField(null=True)
    imei = TextField(default="")
    iccid = TextField(default="")
    service_centre = TextField(default="")
    model = TextField(default="")
    sent_at = MomentField(null=True)  # the last text that the network accepted
    received_at = MomentField(null=True)  # the last arrival
    seconds_per_submit = FloatField(null=True)  # measured, running mean
    stopped = TextField(default="")  # why this SIM may not send now, in one sentence
    # its subscription (queue.subscription), so that page and forecast know it
    segments_per_day = IntegerField(null=True)
    segments_per_month = IntegerField(null=True)
    reserve_percent = IntegerField(default=0)
    segments_per_minute = IntegerField(null=True)
    pace_urgent = BooleanField(default=False)
    tariff = IntegerField(default=0)
    bundle_segments = IntegerField(default=0)
    room = TextField(default="all")  # queue.subscription.Room
    credit_low = BooleanField(default=False)
    # the recovery ladder (modem.recovery): where it stands, and what may not come again too soon
    recovery_step = IntegerField(null=True)  # the last step of this trouble; null: the modem is well
    recovery_at = MomentField(null=True)
    hard_at = MomentField(null=True)
    power_at = MomentField(null=True)
    powers = IntegerField(default=0)
    steps_taken = TextField(default="{}")  # how often each step was taken, ever: JSON, by name
    self_test_at = MomentField(null=True)  # when a text to the own number last left
    self_heard_at = MomentField(null=True)  # when one last came back: the receive side works
    balance = TextField(default="")  # the credit, in the network's words
    balance_at = MomentField(null=True)
    balance_asked_at = MomentField(null=True)
    able = TextField(default="")  # modem_state.Wish: what its settings let the gateway do on demand
    restart_wanted_at = MomentField(null=True)  # somebody asked for it, and the gateway has not begun


class SimCard(Row):
    """What must be remembered of a SIM card, whichever modem it is in."""

    iccid = TextField(unique=True)  # "": a card that did not say
    refused_pin = TextField(default="")  # a fingerprint of the PIN that it did not take: never tried again
    service_centre = TextField(default="")
    credit = IntegerField(null=True)  # millicents: what the operator last said, less what was paid since


class SimDay(Row):
    """The ledger: what one SIM card handed over on one day, and what that cost. No person is in it."""

    iccid = TextField()
    day = TextField()  # 2026-11-25, on the clocks of the neighbourhood
    segments = IntegerField(default=0)  # handed over, those in doubt included
    in_doubt = IntegerField(default=0)  # of them: nobody knows whether they left
    paid = IntegerField(default=0)  # of them: not out of a bundle
    millicents = IntegerField(default=0)  # what they cost

    class Meta:
        indexes = ((("iccid", "day"), True),)
