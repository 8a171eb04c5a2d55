"""The queues on Redis: claims, jobs, workers and who keeps them running."""
