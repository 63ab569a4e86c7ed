"""What skin looks like in the near infrared: reflectance, maps, wrinkles."""
