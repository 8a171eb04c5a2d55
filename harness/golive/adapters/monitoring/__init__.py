"""What only a watch looks at: metrics, new lines of logs, certificates, the machine."""
