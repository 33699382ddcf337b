"""What is shown of messages."""

from datetime import datetime
from uuid import UUID

from galen.core.schemas import RecordView

from .models import Channel, MessageStatus


class MessageView(RecordView):
    """A message without its words: those are on its own page."""

    channel: Channel
    to: str
    subject: str
    about: str
    status: MessageStatus
    attempts: int
    trouble: str
    queued_at: datetime
    settled_at: datetime | None
    next_try: datetime
    patient_id: UUID | None


class MessageText(MessageView):
    text: str
