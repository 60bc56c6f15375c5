"""The embedded platform: runs real Flyte SDK programs as processes on this machine."""
