"""Proves, in a real Airflow, what the compiler says of the DAG files that it writes."""
