"""What the console asks of the services, and how it reads their answers: the only place with generated code."""
