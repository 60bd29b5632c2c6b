/** The names of things, as validated records: an id that exists is well-formed. */
package io.holdfast.protocol.id;
