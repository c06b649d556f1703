"""The ways out, by the `type` of the site file. A new channel is one file here and one line in this table."""

from __future__ import annotations

from alerting.channels.message import Sender
from alerting.channels.sms_http import SmsHttp
from alerting.channels.webhook import Webhook

CHANNELS: dict[str, type[Sender]] = {
    "webhook": Webhook,
    "sms_http": SmsHttp,
}
