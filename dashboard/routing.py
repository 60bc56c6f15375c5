"""The one address of sockets, as `urls.py` is for pages."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from dashboard.live.consumer import LiveConsumer

live: Any = LiveConsumer.as_asgi()
nowhere: Any = WebsocketDenier.as_asgi()

websocket_urlpatterns = [
    path("ws", live),
    re_path(r"", nowhere),  # any other address is refused, not a traceback in the log
]
