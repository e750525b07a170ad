/**
 * The whole pipeline on one machine: a node, a bucket, five edges and a user of them, all in this process or its
 * children.
 */
package caravan.app.demo;
