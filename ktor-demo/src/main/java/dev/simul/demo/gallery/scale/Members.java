// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import dev.simul.cluster.ClusterWork;
import dev.simul.cluster.MemberLostException;
import dev.simul.cluster.MembershipChange;
import dev.simul.facade.Future;
import dev.simul.facade.cluster.Cluster;
import dev.simul.facade.cluster.ClusterOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.toThread;

final class Members {
    /** Three members, of which the third is killed in the end. */
    static void go(Cluster ada, LocalMember grace) {
        var everywhere = new ArrayList<String>();
        await(ada.runOnAll(() -> 6 * 7)).forEach((member, answer) -> everywhere.add(member.name() + " says " + answer.result()));
        System.out.println(everywhere.stream().sorted().toList());

        var done = new AtomicInteger();
        var squares = new ArrayList<Future<Integer>>();
        for (int i = 1; i <= 1_000; i++) {
            int number = i;
            squares.add(createTask(() -> {
                int square = await(ada.runInExecutor(true, () -> number * number));
                if (done.incrementAndGet() == 300) grace.kill();
                return square;
            }));
        }
        int sum = await(gather(squares)).stream().mapToInt(Integer::intValue).sum();
        var left = ada.members().stream().map(it -> it.name()).toList();
        System.out.println("The sum of 1000 squares is " + sum + ", and " + left + " are left");
    }

    /** Another member leaves while it works. */
    static void lose(Cluster alan, Cluster ada) throws Exception {
        var member = alan.localMember();
        var begun = new CountDownLatch(1);
        alan.hazelcast().getUserContext().put("begun", begun);
        var work = createTask(() -> await(ada.runOnMember(member, new Slow())));
        await(toThread(() -> begun.await()));
        await(alan.aclose());
        try {
            await(work);
        } catch (Exception e) {
            if (!(e instanceof MemberLostException lost)) throw e;
            String fate = lost.mayHaveRun() ? "may have been done" : "was not begun";
            System.out.println(lost.member().name() + " is lost, and its work " + fate);
        }
    }

    /** Tells its member that it has begun. */
    private static final class Slow implements ClusterWork<Void>, HazelcastInstanceAware {
        private static final long serialVersionUID = 1;

        private transient HazelcastInstance hazelcast;

        @Override
        public void setHazelcastInstance(HazelcastInstance instance) {
            hazelcast = instance;
        }

        @Override
        public Void call() throws InterruptedException {
            ((CountDownLatch) hazelcast.getUserContext().get("begun")).countDown();
            Thread.sleep(60_000);
            return null;
        }
    }

    private static void print(MembershipChange change) {
        System.out.println(change.member().name() + " has " + change.kind().name().toLowerCase(Locale.ROOT));
    }

    static void main(String[] args) {
        String name = "gallery-" + ProcessHandle.current().pid();
        run(() -> {
            try (var ada = await(Cluster.start(name, List.of("127.0.0.1"), new ClusterOptions().memberName("Ada")))) {
                var seeds = List.of("127.0.0.1:" + ada.localMember().address().getPort());
                try (var alan = await(Cluster.start(name, seeds, new ClusterOptions().memberName("Alan")));
                        var changes = await(ada.membershipChanges())) {
                    try (var grace = LocalMember.start(name, seeds, "Grace")) {
                        print(await(changes.anext()));
                        go(ada, grace);
                    }
                    print(await(changes.anext()));
                    lose(alan, ada);
                }
            }
        });
    }
}
