"""What people see of a night: workbooks, the story of one exception, evidence, the dictionary."""
