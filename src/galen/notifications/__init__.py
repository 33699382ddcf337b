"""Notifications: delivers messages to addresses; what they say is the business of who sends them."""

from .events import MessageSettled
from .models import Channel, Message, MessageStatus
from .service import send, sent_since

__all__ = ["Channel", "Message", "MessageSettled", "MessageStatus", "send", "sent_since"]
