/** What a master decides when it hears an agent again (DESIGN §5), as one pure function. */
package io.holdfast.protocol.reconcile;
