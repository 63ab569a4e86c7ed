"""What eyes look like in the near infrared."""
