/**
 * What can go wrong, sorted by what the caller should do next. Every failure is one line that says what was tried, on
 * what and what came back, with a hint for the person who reads it, and knows its exit status.
 */
package caravan.failure;
