"""Notifications: delivers messages to addresses; what they say is the business of who sends them."""

from .models import Channel, Message, MessageStatus
from .service import send

__all__ = ["Channel", "Message", "MessageStatus", "send"]
