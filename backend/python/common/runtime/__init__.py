"""What every Python backend of this repository shares."""
