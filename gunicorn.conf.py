"""How gunicorn serves the portal, in the demo and in production; `--bind` is given on the command.

Measured: with keep-alive and few upstream connections, all of them can land on one worker.
"""

workers = 2
worker_class = "gthread"
threads = 4
keepalive = 0
graceful_timeout = 10
control_socket_disable = True
