"""Stories: a whole fleet met through its doors alone, by simulated devices and a person."""
