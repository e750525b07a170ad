/**
 * What people are told when something is wrong: alerts, which of them are news, and a durable outbox for each channel,
 * so that a channel that is down gets them later.
 */
package caravan.alert;
