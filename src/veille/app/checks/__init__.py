"""The checks of the doctor, a file for each thing looked at: nothing in, findings out. They write nothing."""
