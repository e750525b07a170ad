/** Whether a node may be captured now: what it is asked over JSON-RPC and what its answers mean. No HTTP here. */
package caravan.watch;
