"""Where an encoder breaks: one factor at a time is made worse, all else nominal, and the error followed."""
