"""What leaves this machine: messages in, delivered or a DeliveryError out. Knows neither the outbox nor issues."""
