//! Points in time as newsrooms write them: dates, and dates with a time of day.
