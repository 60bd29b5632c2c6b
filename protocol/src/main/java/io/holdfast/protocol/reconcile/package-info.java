/** What a master decides when it hears an agent again, as one pure function. */
package io.holdfast.protocol.reconcile;
