//! The calendar, and how often things are renewed.

pub mod calendar;
pub mod refresh;
