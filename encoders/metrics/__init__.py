"""What an encoder's estimates are worth, in numpy alone: UFE 5.2's errors and REFA 8.1's end-user metrics."""
