"""Notifications: delivers messages to addresses; what they say is the business of who sends them."""

from .models import Channel, Message, MessageAttachment, MessageStatus
from .service import send, sent_since

__all__ = ["Channel", "Message", "MessageAttachment", "MessageStatus", "send", "sent_since"]
from .events import MessageSettled

__all__ = ["Channel", "Message", "MessageSettled", "MessageStatus", "send", "sent_since"]
