/**
 * What goes over the line between a master and an agent. A change takes two releases: understand
 * first, then send. The golden files in the tests are never edited.
 */
package io.holdfast.protocol.wire;
