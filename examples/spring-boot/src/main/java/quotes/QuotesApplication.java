// SPDX-License-Identifier: Apache-2.0
package quotes;

import dev.simul.facade.Asyncio;
import dev.simul.facade.BackgroundLoop;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class QuotesApplication {
    /** One loop for the application. Spring closes it at the end, which cancels its tasks and waits for them. */
    @Bean
    BackgroundLoop loop() {
        return Asyncio.open();
    }

    public static void main(String[] args) {
        SpringApplication.run(QuotesApplication.class, args);
    }
}
