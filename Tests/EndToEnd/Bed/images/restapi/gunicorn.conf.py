"""Settings of the REST API's server: Dioptra's own but for the number of processes, of which it has 7."""

bind = "0.0.0.0:5000"
workers = 2
max_requests = 1000
timeout = 60
graceful_timeout = 60
keepalive = 10
