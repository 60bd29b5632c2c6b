package io.holdfast.master;

/** What may travel between the nodes of a cluster of masters; serialized by Jackson as CBOR. */
public interface MasterMessage {}
