"""The addresses of sockets, as `urls.py` is for pages."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from dashboard.live.consumer import LiveConsumer
from dashboard.wall.socket import WallSocket

live: Any = LiveConsumer.as_asgi()
wall: Any = WallSocket.as_asgi()
nowhere: Any = WebsocketDenier.as_asgi()

websocket_urlpatterns = [
    path("ws", live),
    path("ws/wall", wall),
    re_path(r"", nowhere),  # any other address is refused, not a traceback in the log
]
