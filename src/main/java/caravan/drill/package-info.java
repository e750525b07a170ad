/**
 * The drill: a published snapshot is restored through its public address, as any user would, and opened. It knows
 * nothing of publishing; who asks for a drill decides what comes of its report.
 */
package caravan.drill;
