// SPDX-License-Identifier: Apache-2.0
/** Clusters of processes, by Hazelcast. */
@SuppressWarnings({"module", "requires-automatic", "requires-transitive-automatic"}) // The facade is compiled later; Hazelcast has no descriptor.
module dev.simul.cluster {
    requires java.logging;
    requires transitive com.hazelcast.core;
    requires transitive dev.simul.runtime;
    requires org.slf4j;

    // Which Hazelcast needs, and cannot say.
    requires java.management;
    requires java.naming;
    requires java.sql;
    requires jdk.management;
    requires jdk.net;
    requires jdk.unsupported;

    exports dev.simul.cluster;

    exports dev.simul.cluster.interop to dev.simul.facade;
}
